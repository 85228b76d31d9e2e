// Command aikagi (合鍵, "spare key") lets members recover their member support password without help.
package main

import (
	"os"

	"aikagi/backend/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], app, os.Stdout, os.Stderr))
}
