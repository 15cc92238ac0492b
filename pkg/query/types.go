package query

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// kind is what a value counts as.
type kind uint8

const (
	dynamic kind = iota // by the value
	keyword
	text
	long
	float // numbers with fractions, of 32 bits; those of fields without a spec are read alike
	date
	flattened // whatever is below, as keywords
	hidden    // not searched
)

// spec is what the index template says of a field.
type spec struct {
	kind  kind
	limit int // keywords with more characters (UTF-16) are not searched; 0: no limit
}

const usualLimit = 1024

// template is what pkg/ship/elastic/mappings.json says of fields by name; a test in internal/search compares the two.
var template = map[string]spec{
	"@timestamp":                {kind: date},
	"message":                   {kind: text},
	"container.id":              {kind: keyword},
	"container.image.name":      {keyword, usualLimit},
	"container.runtime":         {kind: keyword},
	"ecs.version":               {kind: keyword},
	"event.action":              {keyword, usualLimit},
	"event.dataset":             {kind: keyword},
	"event.duration":            {kind: long},
	"event.kind":                {kind: keyword},
	"event.original":            {kind: hidden},
	"event.outcome":             {kind: keyword},
	"error.message":             {kind: text},
	"error.stack_trace":         {kind: text},
	"error.type":                {keyword, usualLimit},
	"host.name":                 {kind: keyword},
	"http.request.method":       {kind: keyword},
	"http.request.body.bytes":   {kind: long},
	"http.response.status_code": {kind: long},
	"http.response.body.bytes":  {kind: long},
	"http.version":              {kind: keyword},
	"kubernetes.container.name": {kind: keyword},
	"kubernetes.labels":         {kind: flattened},
	"kubernetes.namespace":      {kind: keyword},
	"kubernetes.node.name":      {kind: keyword},
	"kubernetes.pod.name":       {kind: keyword},
	"kubernetes.pod.uid":        {kind: keyword},
	"log.file.path":             {kind: keyword},
	"log.flags":                 {kind: keyword},
	"log.level":                 {keyword, usualLimit},
	"log.logger":                {keyword, usualLimit},
	"log.offset":                {kind: long},
	"log.template.id":           {kind: keyword},
	"log.template.text":         {keyword, 8191},
	"parent.id":                 {kind: keyword},
	"service.name":              {keyword, usualLimit},
	"span.id":                   {kind: keyword},
	"trace.id":                  {kind: keyword},
	"transaction.id":            {kind: keyword},
	"tailspan.finding.after":    {kind: float},
	"tailspan.finding.before":   {kind: float},
	"tailspan.finding.score":    {kind: float},
	"tailspan.unmapped":         {kind: flattened},
	"tailspan.unmapped_reason":  {kind: text},
	"url.original":              {keyword, 8191},
	"url.path":                  {keyword, 8191},
	"user.name":                 {keyword, usualLimit},
	"user_agent.original":       {keyword, usualLimit},
}

var (
	labels           = []byte("labels.")
	messageSuffix    = []byte("message")
	stackTraceSuffix = []byte(".stack_trace")
	flattenedRoots   = [][]byte{[]byte("kubernetes.labels."), []byte("tailspan.unmapped.")}
)

// specOf is what the template says of a field. Of a name that it does not have, spec.kind is dynamic, text or flattened.
func specOf(name []byte) spec {
	if s, ok := template[string(name)]; ok {
		return s
	}
	for _, root := range flattenedRoots {
		if bytes.HasPrefix(name, root) {
			return spec{kind: flattened}
		}
	}
	return spec{kind: dynamic}
}

// textual reports whether strings in a field without a spec of its own are taken apart into words.
func textual(name []byte) bool {
	return bytes.HasSuffix(name, messageSuffix) || bytes.HasSuffix(name, stackTraceSuffix)
}

// leafSpec is what a value of a field counts as: long stands for all numbers, dynamic for booleans.
func leafSpec(name []byte, t fastjson.Type) spec {
	s := specOf(name)
	if s.kind != dynamic {
		return s
	}
	switch {
	case t == fastjson.TypeString && textual(name):
		return spec{kind: text}
	case t == fastjson.TypeString, bytes.HasPrefix(name, labels):
		return spec{keyword, usualLimit}
	case t == fastjson.TypeNumber:
		return spec{kind: long}
	}
	return spec{kind: dynamic}
}

// Textual reports whether the text of a field is taken apart into words.
func Textual(field string) bool {
	s, known := template[field]
	return known && s.kind == text || !known && textual([]byte(field))
}

// Type is what the index template says of a field.
type Type struct {
	Name  string // as mappings call it; "" for what is not searched
	Limit int    // keywords with more characters (UTF-16) are not searched; 0: no limit
}

// typeNames are the kinds as mappings call them.
var typeNames = map[kind]string{keyword: "keyword", text: "text", long: "long", float: "float", date: "date_nanos", flattened: "flattened"}

// Template is what this package takes the index template to say, by field.
func Template() map[string]Type {
	all := make(map[string]Type, len(template))
	for name, s := range template {
		all[name] = Type{typeNames[s.kind], s.limit}
	}
	return all
}
