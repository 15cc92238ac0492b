package parse

import "sync"

// headFamilies are the formats of text that are told by how their lines begin, by the name for the configuration;
// those without one only auto knows.
var headFamilies = []struct {
	names []string
	heads []string
	more  []string // heads of other families that its programs write as well
}{
	{names: []string{"glog", "klog"}, heads: glogHeads},
	{names: []string{"postgres"}, heads: postgresHeads},
	{names: []string{"mysql"}, heads: mysqlHeads},
	{names: []string{"redis"}, heads: redisHeads},
	{names: []string{"log4j", "logback"}, heads: javaHeads, more: commonHeads},
	{names: []string{"python"}, heads: pythonHeads, more: commonHeads},
	{names: []string{"ruby"}, heads: rubyHeads, more: commonHeads},
	{names: []string{"php"}, heads: phpHeads, more: commonHeads},
	{names: []string{"dotnet"}, heads: dotnetHeads, more: commonHeads},
	{names: []string{"go"}, heads: goHeads, more: commonHeads},
	{names: []string{"logcat"}, heads: logcatHeads},
	{heads: serverHeads},
	{heads: vmwareHeads},
	{heads: hpcHeads},
	{heads: desktopHeads},
}

// headKinds are the formats of headFamilies, and for auto all of them at once, so that they share what they have in common.
var headKinds = func() []kind {
	var all []kind
	for _, family := range headFamilies {
		sources := append(headSources("", family.heads, false), headSources("", family.more, true)...)
		compiled := sync.OnceValue(func() *heads { return newHeads(sources) }) // most configurations need none of them
		for _, name := range family.names {
			all = append(all, kind{name: name, make: func(*Config) (format, error) {
				return &headsFormat{heads: compiled(), name: name}, nil
			}})
		}
	}
	return all
}()

// allHeads are those of every family.
var allHeads = sync.OnceValue(func() *heads {
	var all []headSource
	for _, family := range headFamilies {
		name := ""
		if len(family.names) > 0 {
			name = family.names[0]
		}
		all = append(all, headSources(name, family.heads, false)...)
	}
	all = append(all, headSources("mongodb", mongodbHeads, false)...)
	return newHeads(append(all, headSources("", commonHeads, true)...))
})

func headSources(format string, texts []string, loose bool) []headSource {
	sources := make([]headSource, len(texts))
	for i, text := range texts {
		sources[i] = headSource{format, text, loose}
	}
	return sources
}
