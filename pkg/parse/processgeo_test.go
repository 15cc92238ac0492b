package parse_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/tailspan/tailspan/pkg/parse/process"
)

// database writes a file in MaxMind's format in which one network is known.
func database(t *testing.T) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", RecordSize: 24})
	if err != nil {
		t.Fatal(err)
	}
	_, network, err := net.ParseCIDR("81.2.69.0/24")
	if err != nil {
		t.Fatal(err)
	}
	names := func(en string) mmdbtype.Map { return mmdbtype.Map{"en": mmdbtype.String(en)} }
	err = tree.Insert(network, mmdbtype.Map{
		"continent":                mmdbtype.Map{"code": mmdbtype.String("EU")},
		"country":                  mmdbtype.Map{"iso_code": mmdbtype.String("GB"), "names": names("United Kingdom")},
		"subdivisions":             mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String("ENG"), "names": names("England")}},
		"city":                     mmdbtype.Map{"names": names("London")},
		"location":                 mmdbtype.Map{"latitude": mmdbtype.Float64(51.5), "longitude": mmdbtype.Float64(0), "time_zone": mmdbtype.String("Europe/London")},
		"autonomous_system_number": mmdbtype.Uint32(64496), "autonomous_system_organization": mmdbtype.String(`A "net"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "city.mmdb")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGeoIP(t *testing.T) {
	const london = `"source.geo.continent_code":"EU","source.geo.country_iso_code":"GB","source.geo.country_name":"United Kingdom","source.geo.region_iso_code":"GB-ENG",` +
		`"source.geo.region_name":"England","source.geo.city_name":"London","source.geo.timezone":"Europe/London","source.geo.location":{"lat":51.5,"lon":0},` +
		`"source.as.number":64496,"source.as.organization.name":"A \"net\""`
	checkDocuments(t, processed(process.Step{GeoIP: &process.GeoIP{Database: database(t)}}), []documentCase{
		{"known", `{"source":{"ip":"81.2.69.142"}}`, `~,"source":{"ip":"81.2.69.142"},` + london},
		{"in an address of version 6", `{"source.ip":"::ffff:81.2.69.142"}`, `~,"source.ip":"::ffff:81.2.69.142",` + london},
		{"unknown", `{"source":{"ip":"10.0.0.1"}}`, `~,"source":{"ip":"10.0.0.1"}`},
		{"no address", `{"source":{"ip":"x"}}`, `~,"source":{"ip":"x"}`},
		{"none", `{}`, `~`},
	})
}
