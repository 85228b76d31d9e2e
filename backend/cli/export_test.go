package cli

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestAnExportHoldsTheMembersThatWereImported(t *testing.T) {
	t.Parallel()
	testkit.OnBoth(t, func(t *testing.T, where store.Settings) {
		testkit.Open(t, where)
		const many = 2*exportAtOnce + 1
		path := writeMembers(t, many, func(i int) string { return fmt.Sprintf("m%06d,m%d@xxx.mm-m.ne.jp,%s,active", i, i, `"`+demoHash+`"`) })
		environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
		if code, printed := runIn(t, environ, "members", "import", path); code != exitDone {
			t.Fatalf("import: got %d\n%s", code, printed)
		}
		var out, told bytes.Buffer
		p := &program{ctx: t.Context(), app: noApp, stdout: &out, stderr: &told, environ: environ, now: func() time.Time { return time.Now().UTC() }}
		if code := run(p, []string{"members", "export", "--with-hashes"}); code != exitDone || told.Len() > 0 {
			t.Fatalf("export: got %d\n%s", code, told.String())
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("got %d bytes, want the %d that were imported", out.Len(), len(want))
		}
	})
}
