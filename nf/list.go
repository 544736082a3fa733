package nf

import "strconv"

// MaxList is the largest number of elements of a list in a configuration. Proofs hold for every number
// up to it, and programs refuse configuration files with more.
const MaxList = 1<<16 - 1

// ValidateAll returns the first error that Validate has for an element of a list, as an [ElementError],
// and nil if it has none. It is for the Validate method of a configuration:
//
//	if err := nf.ValidateAll(c.Routes); err != nil {
//		return fmt.Errorf("routes: %w", err)
//	}
//
// A proof takes it as what it means: if it returns nil, Validate accepts every element, wherever the
// network function reads one later.
func ValidateAll[E interface{ Validate() error }](list []E) error {
	for i := range list {
		if err := list[i].Validate(); err != nil {
			return &ElementError{i, err}
		}
	}
	return nil
}

// ValidateAllIn is [ValidateAll] for elements that are valid or not in some context, such as the Env in
// New, or limits that the configuration itself has:
//
//	if err := nf.ValidateAllIn(cfg.Routes, env); err != nil {
//		return nil, fmt.Errorf("routes: %w", err)
//	}
func ValidateAllIn[E interface{ ValidateIn(context C) error }, C any](list []E, context C) error {
	for i := range list {
		if err := list[i].ValidateIn(context); err != nil {
			return &ElementError{i, err}
		}
	}
	return nil
}

// ValidateEach is [ValidateAll] by a function, for elements whose type has no method of the kind, such as
// those of libvig. The function looks at nothing but the element and what does not change.
func ValidateEach[E any](list []E, validate func(E) error) error {
	for i := range list {
		if err := validate(list[i]); err != nil {
			return &ElementError{i, err}
		}
	}
	return nil
}

// ElementError says which element of a list is not valid.
type ElementError struct {
	Index int // from 0
	Err   error
}

// Error gives the form "element 3: " and what is wrong with it.
func (e *ElementError) Error() string {
	return "element " + strconv.Itoa(e.Index) + ": " + e.Err.Error()
}

// Unwrap returns what is wrong with the element.
func (e *ElementError) Unwrap() error { return e.Err }
