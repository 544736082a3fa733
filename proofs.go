// Package vigor is the root of the module. It holds, for the toolchain, what has been proved of libvig and the text of
// what is taken as what it means; its tests check the whole tree: who may import whom, style, and what the documents say.
package vigor

import _ "embed"

// Proofs is the lock of what has been proved of libvig, for the toolchain: package internal/prove writes and
// reads it.
//
//go:embed libvig/proofs.lock
var Proofs []byte

// Checksums and Lists are the files of packages packet and nf with the functions that a proof does not run, but takes
// as what they mean: the text that is meant.
var (
	//go:embed packet/checksum.go
	Checksums []byte
	//go:embed nf/list.go
	Lists []byte
)
