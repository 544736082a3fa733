package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Decode reads the file of a case. The error says what is wrong and in which line.
func Decode(text []byte) (Case, error) {
	var c Case
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is more than one case")
		}
	}
	if err != nil {
		offset := d.InputOffset()
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset = syntax.Offset
		}
		line := 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
		return Case{}, fmt.Errorf("line %d: reading the case: %w", line, err)
	}
	return c, nil
}

// Encode writes the file of a case. Equal cases give equal bytes.
func Encode(c Case) ([]byte, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the case: %w", err)
	}
	return append(text, '\n'), nil
}
