package libvig_test

import (
	"fmt"

	"vigor/libvig"
)

func ExampleTable() {
	type station [6]byte
	table := libvig.NewTable[station, uint16](1024, libvig.HashKey{1, 2, 3, 4, 5})
	table.Insert(station{0x02, 0, 0, 0, 0, 1}, 7, 10)
	table.Insert(station{0x02, 0, 0, 0, 0, 2}, 8, 20)
	if i, ok := table.Lookup(station{0x02, 0, 0, 0, 0, 1}); ok {
		fmt.Println("device", table.At(i))
		table.Refresh(i, 30)
	}
	table.ExpireBefore(25)
	fmt.Println(table.Len(), "left")
	// Output:
	// device 7
	// 1 left
}

func ExampleMap() {
	ports := libvig.NewMap[uint16](16, libvig.HashKey{1, 2, 3, 4, 5})
	ports.Put(443, 3)
	fmt.Println(ports.Get(443))
	ports.Erase(443)
	fmt.Println(ports.Get(443))
	// Output:
	// 3 true
	// 0 false
}

func ExampleChain() {
	chain := libvig.NewChain(2, libvig.HashKey{})
	first, _ := chain.Allocate(10)
	second, _ := chain.Allocate(20)
	chain.Refresh(first, 30)
	chain.ExpireBefore(25)
	fmt.Println(chain.Allocated(first), chain.Allocated(second))
	// Output: true false
}

func ExampleVector() {
	counters := libvig.NewVector(8, uint64(0))
	counters.Set(3, counters.Get(3)+1)
	fmt.Println(counters.Get(3), counters.Len())
	// Output: 1 8
}
