//go:build cgo

package process_test

// withCgo reports whether the test is built with cgo.
const withCgo = true
