package verify

import (
	"encoding/json"
	"go/token"
	"go/types"
	"testing"

	"vigor/internal/load"
	"vigor/internal/replay"
)

func TestFormatValue(t *testing.T) {
	pkg := types.NewPackage(load.PacketPath, "packet")
	named := func(name string, under types.Type) types.Type {
		return types.NewNamed(types.NewTypeName(token.NoPos, pkg, name, nil), under, nil)
	}
	ip4 := named("IPv4", types.Typ[types.Uint32])
	mac := named("MAC", types.NewArray(types.Typ[types.Uint8], 6))
	field := func(name string, t types.Type) *types.Var { return types.NewField(token.NoPos, pkg, name, t, false) }
	peer := types.NewStruct([]*types.Var{field("Port", types.Typ[types.Uint16]), field("IP", ip4)}, nil)
	flow := types.NewStruct([]*types.Var{
		field("Src", ip4), field("MAC", mac), field("Tags", types.NewArray(types.Typ[types.Int8], 2)), field("Peer", peer),
	}, nil)
	tests := []struct {
		value replay.Value
		typ   types.Type
		want  string
	}{
		{replay.Value{"": "7"}, types.Typ[types.Int], "7"},
		{replay.Value{"": "167772167"}, ip4, "10.0.0.7"},
		{replay.Value{"[0]": "2", "[5]": "255"}, mac, "02:00:00:00:00:ff"},
		{replay.Value{}, flow, ""},
		{replay.Value{"Peer.IP": "1", "Peer.Port": "80", "Tags[1]": "-1", "Src": "0"}, flow,
			"Src=0.0.0.0 Tags=[0 -1] Peer=(Port=80 IP=0.0.0.1)"},
		{replay.Value{"MAC[3]": json.Number("16")}, flow, "MAC=00:00:00:10:00:00"},
	}
	for _, tt := range tests {
		if got := formatValue(tt.value, tt.typ); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.value, got, tt.want)
		}
	}
}
