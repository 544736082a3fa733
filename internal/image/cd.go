package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cdProgram makes CDs that start by GRUB; Debian's packages grub-common, grub-pc-bin and xorriso have what
// it needs.
const cdProgram = "grub-mkrescue"

// menu has GRUB start the image at once.
const menu = "set timeout=0\nmenuentry vigor {\n\tmultiboot /boot/image\n}\n"

// WriteCD makes a CD that starts an image.
func WriteCD(ctx context.Context, file, image string) error {
	if _, err := exec.LookPath(cdProgram); err != nil {
		return fmt.Errorf("making a CD: %s is not installed: in Debian, grub-common, grub-pc-bin and xorriso have it", cdProgram)
	}
	text, err := os.ReadFile(image)
	if err != nil {
		return fmt.Errorf("making a CD: %w", err)
	}
	folder, err := os.MkdirTemp("", "vigor-cd-")
	if err != nil {
		return fmt.Errorf("making a CD: %w", err)
	}
	defer os.RemoveAll(folder)
	err = errors.Join(
		os.MkdirAll(filepath.Join(folder, "boot", "grub"), 0o755),
		os.WriteFile(filepath.Join(folder, "boot", "image"), text, 0o644),
		os.WriteFile(filepath.Join(folder, "boot", "grub", "grub.cfg"), []byte(menu), 0o644),
	)
	if err != nil {
		return fmt.Errorf("making a CD: %w", err)
	}
	if out, err := exec.CommandContext(ctx, cdProgram, "-o", file, folder).CombinedOutput(); err != nil {
		return fmt.Errorf("making a CD: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
