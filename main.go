// Aikagi (合鍵, "spare key") lets a member recover the member support password alone.
package main

import (
	"os"

	"aikagi/backend/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], app, os.Stdout, os.Stderr))
}
