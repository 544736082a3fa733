package neighbour

// inboxSize is the number of claims that can be on their way to one shard. Beyond it they are lost, as
// frames may be.
const inboxSize = 256

// Share has the layers of shards pass on to each other what they hear: devices spread frames over shards
// without regard to who has asked, so the answer to a request commonly reaches another shard. Each shard
// still learns only what it asked for. Share is called once, before the loops run; afterwards each layer
// belongs to its loop's goroutine.
func Share(layers ...*Layer) {
	for _, l := range layers {
		l.inbox = make(chan claim, inboxSize)
	}
	for _, l := range layers {
		for _, peer := range layers {
			if peer != l {
				l.peers = append(l.peers, peer.inbox)
			}
		}
	}
}

// tell passes a claim on to the other shards. It never waits for them.
func (l *Layer) tell(c claim) {
	for _, inbox := range l.peers {
		select {
		case inbox <- c:
		default:
		}
	}
}

// hear learns what other shards have passed on.
func (l *Layer) hear() {
	for range len(l.inbox) {
		l.learn(<-l.inbox) // there is one: nobody else takes them
	}
}
