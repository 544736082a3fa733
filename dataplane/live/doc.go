// Package live runs network functions between real clients and servers: curl, iperf3 and ping in
// network namespaces, with the kernel's own TCP and ARP at both ends, over every live back end.
//
// It has nothing but tests, of which live_linux_test.go is the first to read.
package live
