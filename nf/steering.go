package nf

// Steering says how the packets that one device receives are spread over shards: copies of a network
// function that run side by side, each with its own state and its own part of the configuration. A
// Config that can be split has two methods:
//
//	func (c Config) Shard(k, n int) (Config, error)      // of shard k of n, 0 <= k < n
//	func (c Config) Steering(d nf.Device) nf.Steering    // of the packets from device d
//
// Every configuration that Shard returns must be valid, so that what is proved holds for each shard.
// What the steering has to give is that all packets which use the same entry of a table meet the
// same shard.
type Steering struct {
	// By says what decides.
	By SteeringField
	// First and Count are the destination ports that are divided, for ByDestinationPort: with n
	// shards, shard k has the Count/n ports from First + k*(Count/n) on. First+Count is at most 65536.
	First, Count int
}

// SteeringField is a part of a packet that decides which shard gets it.
type SteeringField uint8

// The values of [SteeringField].
const (
	ByFlow            SteeringField = iota // a hash over addresses, protocol and ports, any that gives both directions the same shard
	ByDestinationPort                      // the TCP or UDP destination port
	BySource                               // the IPv4 source address; of an ICMP error, the destination of what it quotes, for which it speaks
	ByDestination                          // the IPv4 destination address; that of an ICMP error is the source of what it quotes
)
