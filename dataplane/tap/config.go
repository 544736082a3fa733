package tap

// Config are the choices of [Open]. The zero value is right for most.
type Config struct {
	// Busy never sleeps while no frame arrives.
	Busy bool
}
