package process

import (
	"errors"
	"strings"

	"github.com/mileusna/useragent"
)

func (u *UserAgent) condition() string { return u.When }

func (u *UserAgent) make(c *Chain, _ int) (processor, error) {
	field, to := u.Field, u.To
	if field == "" {
		field = "user_agent.original"
	}
	if to == "" {
		to = "user_agent"
	}
	var texts []string
	for _, last := range []string{"name", "version", "os.name", "os.version", "device.name"} {
		texts = append(texts, joinNames(to, last))
	}
	from, err := c.fieldName("field", field)
	names, failed := c.factNames("to", texts)
	return &enricher{from: from, find: func(value string) []fact {
		ua := useragent.Parse(value)
		var facts []fact
		for i, found := range []string{ua.Name, ua.Version, ua.OS, ua.OSVersion, ua.Device} {
			if found != "" {
				facts = append(facts, fact{names[texts[i]], text([]byte(strings.ToValidUTF8(found, "\uFFFD")))})
			}
		}
		return facts
	}}, errors.Join(err, failed)
}
