package mail

import (
	"strings"
	"sync"
	"testing"

	"aikagi/backend/recovery"
)

func TestAWriterSpeaksForItsLatestBrand(t *testing.T) {
	writer := NewWriter(exampleBrand)
	changed := exampleBrand
	changed.Phone = "0120-999-999"
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			if _, err := writer.Write(example(recovery.TemporaryPasswordLetter, recovery.Japanese)); err != nil {
				t.Error(err)
			}
		})
	}
	writer.Rebrand(changed)
	writing.Wait()
	letter, err := writer.Write(example(recovery.TemporaryPasswordLetter, recovery.Japanese))
	if err != nil || !strings.Contains(letter.Text, "0120-999-999") {
		t.Errorf("got %v and\n%s", err, letter.Text)
	}
}
