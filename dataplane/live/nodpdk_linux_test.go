//go:build !dpdk || !cgo

package live

// builtIn is empty: DPDK is not built in.
var builtIn []backEnd
