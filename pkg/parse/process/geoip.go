package process

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (g *GeoIP) condition() string { return g.When }

// place is what the databases of MaxMind and those who write its format have of an address.
type place struct {
	Continent struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"continent"`
	Country struct {
		Code  string            `maxminddb:"iso_code"`
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"country"`
	Regions []struct {
		Code  string            `maxminddb:"iso_code"`
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"city"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
		TimeZone  string   `maxminddb:"time_zone"`
	} `maxminddb:"location"`
	Postal struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
	Number       uint64 `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
}

// geoNames are the fields of ECS that a place gives, below the field's object.
var geoNames = []string{"geo.continent_code", "geo.country_iso_code", "geo.country_name", "geo.region_iso_code", "geo.region_name", "geo.city_name",
	"geo.postal_code", "geo.timezone", "geo.location", "as.number", "as.organization.name"}

// geo answers by a database, whose file is mapped into memory for as long as the agent runs.
type geo struct {
	db    *maxminddb.Reader
	names map[string]*name
	below string
}

func (g *GeoIP) make(c *Chain, _ int) (processor, error) {
	field := g.Field
	if field == "" {
		field = "source.ip"
	}
	p := &geo{below: g.To}
	if p.below == "" {
		p.below = field[:max(strings.LastIndexByte(field, '.'), 0)]
	}
	var texts []string
	for _, t := range geoNames {
		texts = append(texts, joinNames(p.below, t))
	}
	from, err := c.fieldName("field", field)
	var failed, broken error
	p.names, failed = c.factNames("to", texts)
	if g.Database == "" {
		broken = confkey.Errorf("database", "is missing; write the path of a file in MaxMind's format, as in GeoLite2-City.mmdb")
	} else if p.db, broken = maxminddb.Open(g.Database); broken != nil {
		broken = confkey.Errorf("database", "cannot be read: %v", broken)
	}
	return &enricher{from: from, find: p.find}, errors.Join(err, failed, broken)
}

func (p *geo) find(value string) []fact {
	address, err := netip.ParseAddr(value)
	if err != nil {
		return nil
	}
	var at place
	if err := p.db.Lookup(address.Unmap()).Decode(&at); err != nil {
		return nil
	}
	var facts []fact
	add := func(last string, value any) {
		if value == "" || value == uint64(0) {
			return
		}
		if b, err := json.Marshal(value); err == nil {
			facts = append(facts, fact{p.names[joinNames(p.below, last)], event.Value{Bytes: b, Kind: event.JSON, Set: true}})
		}
	}
	add("geo.continent_code", at.Continent.Code)
	add("geo.country_iso_code", at.Country.Code)
	add("geo.country_name", at.Country.Names["en"])
	if len(at.Regions) > 0 {
		if code := at.Regions[0].Code; code != "" {
			add("geo.region_iso_code", at.Country.Code+"-"+code)
		}
		add("geo.region_name", at.Regions[0].Names["en"])
	}
	add("geo.city_name", at.City.Names["en"])
	add("geo.postal_code", at.Postal.Code)
	add("geo.timezone", at.Location.TimeZone)
	if at.Location.Latitude != nil && at.Location.Longitude != nil {
		add("geo.location", map[string]float64{"lat": *at.Location.Latitude, "lon": *at.Location.Longitude})
	}
	add("as.number", at.Number)
	add("as.organization.name", at.Organization)
	return facts
}
