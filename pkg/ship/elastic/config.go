package elastic

import "time"

// Config is how documents reach Elasticsearch. The zero value of each key is its default unless the comment names another.
type Config struct {
	Hosts       []string      `mapstructure:"hosts"`           // URLs; this or cloud_id
	CloudID     string        `mapstructure:"cloud_id"`        // of Elastic Cloud, in place of hosts
	DataStream  DataStream    `mapstructure:"data_stream"`     // type-dataset-namespace; the dataset is the pipeline's
	Index       string        `mapstructure:"index"`           // instead of a data stream; may have %{FIELD} and %{+yyyy.MM.dd}
	Ingest      string        `mapstructure:"ingest_pipeline"` // that every document goes through; empty: that of the index
	Delivery    string        `mapstructure:"delivery"`        // exactly_once (default) or at_least_once
	APIKey      string        `mapstructure:"api_key"`         // base64 of id:key
	Username    string        `mapstructure:"username"`        // with password
	Password    string        `mapstructure:"password"`        // better as ${file:/run/secrets/x}
	Bearer      string        `mapstructure:"bearer"`          // token
	Compression string        `mapstructure:"compression"`     // gzip (default) or none
	Template    bool          `mapstructure:"template"`        // default true: install the index template before the first bulk request
	Retention   time.Duration `mapstructure:"retention"`       // how long documents are kept, by whole indices, once tailspan setup has run; default: for ever
	IngestDir   string        `mapstructure:"ingest_dir"`      // folder with NAME.json for the ingest pipelines that tailspan setup installs; others have to be there
	Kibana      *Kibana       `mapstructure:"kibana"`          // where tailspan setup imports a data view, Discover sessions and dashboards; there when the key is
	TLS         TLS           `mapstructure:"tls"`             // what is trusted, and a certificate of our own
	Bulk        Bulk          `mapstructure:"bulk"`            // the size of requests and how many are under way
}

// DataStream names the parts of a data stream, which may have %{FIELD}.
type DataStream struct {
	Type      string `mapstructure:"type"`      // default logs
	Dataset   string `mapstructure:"dataset"`   // default: the pipeline's
	Namespace string `mapstructure:"namespace"` // default default
}

// TLS names PEM files.
type TLS struct {
	Fingerprint string `mapstructure:"fingerprint"` // SHA-256 of the certificate, or that of its authority, in hexadecimal: all that is trusted
	CA          string `mapstructure:"ca"`          // PEM file of the authorities to trust; default: those of the system
	Cert        string `mapstructure:"cert"`        // PEM file of our own certificate
	Key         string `mapstructure:"key"`         // PEM file of its key
}

// Bulk bounds one request and how many are under way.
type Bulk struct {
	MaxSize  int           `mapstructure:"max_size"`  // bytes before compression; default 5 MiB
	MaxDocs  int           `mapstructure:"max_docs"`  // default 10,000
	Linger   time.Duration `mapstructure:"linger"`    // the longest a line waits for others while requests are under way; default 200 ms
	InFlight int           `mapstructure:"in_flight"` // requests under way at once; default 4
}
