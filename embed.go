package main

import "embed"

// app holds the built pages. A fresh clone holds only .gitkeep, so that it compiles; the server then says how to build.
//
//go:embed all:frontend/dist
var app embed.FS
