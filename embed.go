package main

import "embed"

// app holds the built pages. In a fresh clone the folder has only .gitkeep, so that the program compiles; the server then
// explains how to build the pages.
//
//go:embed all:frontend/dist
var app embed.FS
