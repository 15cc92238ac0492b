package parse

// chooser is a format whose fields have names that the configuration chose.
type chooser interface {
	// chosen calls yield with each name, as it stands between the quotes of a JSON key.
	chosen(yield func(name []byte))
}

// Collisions are the names that the configuration chose for fields and that ECS has for objects. They stay as they are, and
// Elasticsearch refuses a scalar there as soon as a document has the object: the field is then moved aside.
func (p *Parser) Collisions() []string {
	var names []string
	seen := map[string]bool{}
	for _, f := range p.chain {
		c, ok := f.(chooser)
		if !ok {
			continue
		}
		c.chosen(func(name []byte) {
			if roleOf(name).duty == objectDuty && !seen[string(name)] {
				seen[string(name)] = true
				names = append(names, string(name))
			}
		})
	}
	return names
}

func (f *patternsFormat) chosen(yield func([]byte)) {
	for _, pat := range f.patterns {
		for _, g := range pat.all.groups {
			yield(g.name)
		}
	}
}

func (f *grokFormat) chosen(yield func([]byte)) {
	for _, pat := range f.patterns {
		for i := range pat.fields {
			yield(pat.fields[i].name)
		}
	}
}

func (f *csvFormat) chosen(yield func([]byte)) {
	for _, name := range f.columns {
		yield(name)
	}
}

func (f *dissectFormat) chosen(yield func([]byte)) {
	for _, d := range f.patterns {
		for i := range d.fields {
			yield(d.fields[i].name)
		}
	}
}
