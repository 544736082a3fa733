package diag

// Codes about lists of the configuration, which have any number of elements and never change.
const (
	// ListLoop says that the code ranges over a list of the configuration.
	//
	// Cause: the list may have any number of elements, so that nothing bounds the loop.
	// Cure: hand the whole list to a structure of libvig in New, validate its elements by nf.ValidateAll,
	// and read an element at an index that is known to be in the list.
	//
	// Example:
	//
	//	package example
	//
	//	import "vigor/nf"
	//
	//	type Config struct {
	//		Ports []uint16
	//	}
	//
	//	func (c Config) Validate() error { return nil }
	//
	//	type NF struct {
	//		cfg Config
	//	}
	//
	//	func New(env nf.Env, cfg Config) (*NF, error) { return &NF{cfg}, nil }
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		for _, port := range n.cfg.Ports {
	//			if port == 0 {
	//				return nf.Drop(nf.NoMapping)
	//			}
	//		}
	//		return nf.Flood()
	//	}
	ListLoop Code = 1224
	// ListChanged says that the code writes to a list of the configuration, or replaces it.
	//
	// Cause: a configuration is what an operator wrote; a proof takes it never to change.
	// Cure: keep what changes in a structure of libvig.
	//
	// Example:
	//
	//	package example
	//
	//	import "vigor/nf"
	//
	//	type Config struct {
	//		Ports []uint16
	//	}
	//
	//	func (c Config) Validate() error { return nil }
	//
	//	type NF struct {
	//		cfg Config
	//	}
	//
	//	func New(env nf.Env, cfg Config) (*NF, error) {
	//		if len(cfg.Ports) > 0 {
	//			cfg.Ports[0] = 80
	//		}
	//		return &NF{cfg}, nil
	//	}
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action { return nf.Flood() }
	ListChanged Code = 1225
	// ListPart says that a list of the configuration is needed whole, and a part or something else is given.
	//
	// Cause: what holds of a list of the configuration is known of the whole only.
	// Cure: give the field of the configuration itself; make two fields of what are two lists.
	//
	// Example:
	//
	//	package example
	//
	//	import "vigor/nf"
	//
	//	type Config struct {
	//		Ports []uint16
	//	}
	//
	//	func (c Config) Validate() error { return nil }
	//
	//	type NF struct {
	//		cfg Config
	//	}
	//
	//	func New(env nf.Env, cfg Config) (*NF, error) { return &NF{cfg}, nil }
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if len(n.cfg.Ports) > 1 && n.cfg.Ports[1:][0] == 80 {
	//			return nf.Drop(nf.NoMapping)
	//		}
	//		return nf.Flood()
	//	}
	ListPart Code = 1226
)
