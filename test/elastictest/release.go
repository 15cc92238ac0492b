package elastictest

import "fmt"

// Release is a server that Start can run. Its archive is the minimal distribution for integration tests on Maven Central.
type Release struct {
	product, version string
	sum              string // SHA-256 of the archive, as it was on 2026-11-22
	java, javaMost   int    // the versions of Java that it runs on
}

// The releases that tests use.
var (
	Elasticsearch8 = Release{"elasticsearch", "8.19.0", "14833b2d86c30656901f92049f81fb5777a8e4545413c8656cd1a21b55173033", 17, 17}
	Elasticsearch9 = Release{"elasticsearch", "9.2.0", "bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b", 21, 99}
	Elasticsearch7 = Release{"elasticsearch", "7.17.9", "231f708f602b39359853a6d822525ba695233fe06c2dd5a960bc535bf66b6fc1", 17, 17}
	OpenSearch2    = Release{"opensearch", "2.19.0", "84b8d1a06a31b57993cfe2801cbf01bdbc54fe07b45aee5cb2ba87917a01c751", 17, 17}
)

func (r Release) String() string { return r.product + " " + r.version }

// name is that of the folder in the archive.
func (r Release) name() string { return r.product + "-" + r.version }

// artifact is how Maven calls the archive, and path where it keeps it.
func (r Release) artifact() string {
	return fmt.Sprintf("org.%[1]s.distribution.integ-test-zip:%[1]s:%[2]s:zip", r.product, r.version)
}

func (r Release) path() string {
	return fmt.Sprintf("org/%[1]s/distribution/integ-test-zip/%[1]s/%[2]s/%[1]s-%[2]s.zip", r.product, r.version)
}

// variable is the name of an environment variable of the server's launcher.
func (r Release) variable(name string) string {
	if r.product == "opensearch" {
		return "OPENSEARCH_" + name
	}
	return "ES_" + name
}

// settings are lines of the configuration that only this release wants.
func (r Release) settings(security bool) []string {
	if r.product == "opensearch" {
		return nil
	}
	lines := []string{fmt.Sprintf("xpack.security.enabled: %v", security)}
	if r.version[0] != '7' {
		lines = append(lines, "xpack.security.autoconfiguration.enabled: false")
	}
	return lines
}
