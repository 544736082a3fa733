package vigor

import _ "embed"

// Proofs is the lock of what has been proved of libvig, for the toolchain: package internal/prove writes and
// reads it.
//
//go:embed libvig/proofs.lock
var Proofs []byte
