//go:build !linux

package main

// limitMemory does nothing here.
func limitMemory() {}
