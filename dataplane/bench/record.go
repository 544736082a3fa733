package bench

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// recording begins the profile that is asked for, if that has not been done. The first setup is not in it.
func (s *server) recording() (err error) {
	if s.record == "" || s.profile != nil {
		return nil
	}
	if s.profile, err = os.Create(s.record); err != nil {
		return fmt.Errorf("recording a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(s.profile); err != nil {
		return fmt.Errorf("recording a profile: %w", err)
	}
	return nil
}

// recorded ends the profile.
func (s *server) recorded() error {
	if s.profile == nil {
		return nil
	}
	pprof.StopCPUProfile()
	if err := s.profile.Close(); err != nil {
		return errors.Join(fmt.Errorf("recording a profile: %w", err), os.Remove(s.record))
	}
	return nil
}
