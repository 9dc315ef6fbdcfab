package rules

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/notifier"
)

// Alertmanager is one of those that alerts are sent to, through its API v2.
type Alertmanager struct {
	// URL is where it is; a path in it is put before that of the API.
	URL     string
	Timeout time.Duration
	// User and Password are for basic authentication, Token is a bearer's; empty
	// where not asked for.
	User, Password, Token string
	// The files of TLS; empty is none. ServerName is what the certificate must be
	// for, where that is not the host.
	CA, Certificate, Key, ServerName string
}

// outbox sends alerts to all Alertmanagers, each with a queue of its own.
type outbox struct {
	sender *notifier.Manager
	// targets says where each Alertmanager is; the sender takes it from there.
	targets chan map[string][]*targetgroup.Group
	done    chan struct{}
}

// mostQueued is how many alerts wait for one Alertmanager: more than a province
// has at once. The oldest make room for newer ones; all that still fire are sent
// again anyway.
const mostQueued = 50_000

func newOutbox(to []Alertmanager, registerer prometheus.Registerer, log *slog.Logger) (*outbox, error) {
	o := &outbox{
		sender: notifier.NewManager(&notifier.Options{QueueCapacity: mostQueued, DrainOnShutdown: true, Registerer: registerer},
			model.UTF8Validation, log),
		targets: make(chan map[string][]*targetgroup.Group), done: make(chan struct{}),
	}
	if _, err := o.configure(to); err != nil {
		return nil, err
	}
	return o, nil
}

// configure changes how Alertmanagers are talked to, and returns where they are.
func (o *outbox) configure(to []Alertmanager) (map[string][]*targetgroup.Group, error) {
	all := &config.Config{GlobalConfig: config.DefaultGlobalConfig}
	where := map[string][]*targetgroup.Group{}
	for n, one := range to {
		c, address, err := one.config()
		if err != nil {
			return nil, err
		}
		all.AlertingConfig.AlertmanagerConfigs = append(all.AlertingConfig.AlertmanagerConfigs, c)
		// The sender names them by their places in the list.
		where[fmt.Sprintf("config-%d", n)] = []*targetgroup.Group{{
			Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(address)}}, Source: one.URL,
		}}
	}
	if err := o.sender.ApplyConfig(all); err != nil {
		return nil, fmt.Errorf("set up the Alertmanagers: %w", err)
	}
	return where, nil
}

func (a *Alertmanager) config() (c *config.AlertmanagerConfig, address string, err error) {
	at, err := url.Parse(a.URL)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, "", fmt.Errorf("%q is no address of an Alertmanager: expected one such as https://alerts.example.org", a.URL)
	}
	client := promconfig.DefaultHTTPClientConfig
	switch {
	case a.User != "":
		client.BasicAuth = &promconfig.BasicAuth{Username: a.User, Password: promconfig.Secret(a.Password)}
	case a.Token != "":
		client.Authorization = &promconfig.Authorization{Type: "Bearer", Credentials: promconfig.Secret(a.Token)}
	}
	client.TLSConfig = promconfig.TLSConfig{CAFile: a.CA, CertFile: a.Certificate, KeyFile: a.Key, ServerName: a.ServerName}
	timeout := a.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	return &config.AlertmanagerConfig{
		HTTPClientConfig: client, Scheme: at.Scheme, PathPrefix: strings.TrimRight(at.Path, "/"),
		Timeout: model.Duration(timeout), APIVersion: config.AlertmanagerAPIVersionV2,
	}, at.Host, nil
}

// run sends until stop is called.
func (o *outbox) run() {
	defer close(o.done)
	o.sender.Run(o.targets)
}
