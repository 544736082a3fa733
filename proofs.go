// Package vigor is the root of the module. It holds, for the toolchain, what has been proved of libvig; its
// tests check the whole tree: who may import whom, style, and what the documents say.
package vigor

import _ "embed"

// Proofs is the lock of what has been proved of libvig, for the toolchain: package internal/prove writes and
// reads it.
//
//go:embed libvig/proofs.lock
var Proofs []byte
