package libvig

import "testing"

// TestSipHash: the vector of 8 bytes that the authors of SipHash publish with it, whose key is 00 to 0f and whose text 00 to 07.
func TestSipHash(t *testing.T) {
	d := draws{k0: 0x0706050403020100, k1: 0x0f0e0d0c0b0a0908, count: 0x0706050403020100}
	if got := d.sum(); got != 0x93f5f5799a932462 {
		t.Errorf("SipHash-2-4 is %#x", got)
	}
}

// TestDraws: what is drawn depends on the secret, and nothing is without one.
func TestDraws(t *testing.T) {
	one, other, none := newDraws(HashKey{1}), newDraws(HashKey{0, 1}), newDraws(HashKey{})
	same := 0
	for range 1000 {
		one, other, none = nextDraw(one), nextDraw(other), nextDraw(none)
		if drawNumber(none) != 0 {
			t.Fatal("a number is drawn without a secret")
		}
		if drawNumber(one) == drawNumber(other) {
			same++
		}
	}
	if same > 1 {
		t.Errorf("two secrets draw the same %d times of 1000", same)
	}
}
