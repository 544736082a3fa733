// Package intelnet has the kernel of an image start Intel Ethernet controllers by the driver in driver/ixgbe.
package intelnet
