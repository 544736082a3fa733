// Package netns gives tests a network of their own: a namespace with devices, and hosts that are
// connected to them, each in a namespace too. Only tests import it.
//
// [New] makes a [Lab]; back ends under test run in [Lab.Own], clients and servers in [Lab.Hosts]. A
// [Namespace] runs programs, or Go code on a thread of its own. A [Wire] sends and captures frames as
// they are.
//
// The namespaces have no names: they live as long as the test process, however it ends, and two runs
// cannot collide. Devices, addresses and routes go with them. Without root or a program that is needed
// the test skips; where CI is set it fails.
package netns
