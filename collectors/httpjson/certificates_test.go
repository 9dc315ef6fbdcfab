package httpjson_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, key := sign(t, template, nil)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, a.key, a.pem = certificate, key, pemOf("CERTIFICATE", der)
	return a
}

// sign makes a key and a certificate for it, signed by itself without a parent.
func sign(t testing.TB, template *x509.Certificate, parent *authority) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	by, byKey := template, key
	if parent != nil {
		by, byKey = parent.certificate, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, &key.PublicKey, byKey)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// issue makes a certificate for a name that expires so long from now, with its
// key, in PEM.
func (a *authority) issue(t testing.TB, name string, expires time.Duration) (certificate, key string) {
	t.Helper()
	der, private := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(expires), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a)
	bytes, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("CERTIFICATE", der), pemOf("EC PRIVATE KEY", bytes)
}

// serveTLS serves with a certificate. With clients it demands one of theirs;
// without, it takes any.
func serveTLS(t testing.TB, certificate, key string, clients *authority, handler http.HandlerFunc) *server {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	s.Server = newUnstarted(t, s.remember(handler))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
	if clients != nil {
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		s.TLS.ClientCAs.AddCert(clients.certificate)
	}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // clients fail on purpose
	s.StartTLS()
	return s
}

const host = "figures.example.org"

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	good, goodKey := ours.issue(t, host, time.Hour)
	old, oldKey := ours.issue(t, host, -time.Hour)
	client, clientKey := ours.issue(t, "govkpi", time.Hour)
	foreign, foreignKey := theirs.issue(t, "govkpi", time.Hour)
	const ca, named, certified = "ca_file: f", ", server_name: " + host, ", certificate_file: f, key_file: f"
	tests := map[string]struct {
		expired, clients bool
		tls              string
		ca, pem, key     string
		want             string // "" is success
	}{
		"own CA":                     {tls: ca + named, ca: ours.pem},
		"own CA, TLS left out":       {want: "the source's certificate is not accepted"},
		"wrong CA":                   {tls: ca + named, ca: theirs.pem, want: "the source's certificate is not accepted: tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		"wrong name":                 {tls: ca, ca: ours.pem, want: "the source's certificate is not accepted: tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1"},
		"expired":                    {expired: true, tls: ca + named, ca: ours.pem, want: "the source's certificate is not accepted: tls: failed to verify certificate: x509: certificate has expired or is not yet valid"},
		"client certificate":         {clients: true, tls: ca + named + certified, ca: ours.pem, pem: client, key: clientKey},
		"no client certificate":      {clients: true, tls: ca + named, ca: ours.pem, want: "the source refuses our end of TLS: remote error: tls: certificate required; check tls.certificate_file and tls.key_file"},
		"a wrong client certificate": {clients: true, tls: ca + named + certified, ca: ours.pem, pem: foreign, key: foreignKey, want: "the source refuses our end of TLS: remote error: tls:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			certificate, key := good, goodKey
			if test.expired {
				certificate, key = old, oldKey
			}
			var clients *authority
			if test.clients {
				clients = ours
			}
			s := serveTLS(t, certificate, key, clients, answer(data(row("a", 1))))
			source := at(s) + noWaiting
			if test.tls != "" {
				source += "tls: {" + test.tls + "}\n"
			}
			c := mustBuild(t, source, limits+long, withSecrets(map[string]string{"tls.ca": test.ca, "tls.certificate": test.pem, "tls.key": test.key}))
			got, _, err := collect(t, c)
			switch {
			case test.want == "" && (err != nil || len(got) != 1):
				t.Errorf("readings %q, error %v", got, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
	t.Run("a server without TLS", func(t *testing.T) {
		s := serve(t, answer(data()))
		_, _, err := collect(t, mustBuild(t, "url: "+strings.Replace(s.URL, "http:", "https:", 1)+"\n"+noWaiting, limits+long))
		if err == nil || !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
			t.Errorf("error %v, want that there is no TLS", err)
		}
	})
}

// Our certificate and the source's name are for the source alone, also where a
// redirect leads elsewhere.
func TestCertificateStaysAtHome(t *testing.T) {
	ours := newAuthority(t, "ours")
	home, homeKey := ours.issue(t, host, time.Hour)
	abroad, abroadKey := ours.issue(t, "localhost", time.Hour)
	client, clientKey := ours.issue(t, "govkpi", time.Hour)
	shown := make(chan int, 2)
	elsewhere := serveTLS(t, abroad, abroadKey, nil, func(w http.ResponseWriter, r *http.Request) {
		shown <- len(r.TLS.PeerCertificates)
		answer(data(row("a", 1)))(w, r)
	})
	away := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	s := serveTLS(t, home, homeKey, ours, func(w http.ResponseWriter, r *http.Request) {
		shown <- len(r.TLS.PeerCertificates)
		http.Redirect(w, r, away, http.StatusFound)
	})
	c := mustBuild(t, at(s)+noWaiting+"redirect_hosts: [localhost]\ntls: {ca_file: f, certificate_file: f, key_file: f, server_name: "+host+"}\n",
		limits+long, withSecrets(map[string]string{"tls.ca": ours.pem, "tls.certificate": client, "tls.key": clientKey}))
	if got, _, err := collect(t, c); err != nil || len(got) != 1 {
		t.Fatalf("readings %q, error %v", got, err)
	}
	if atHome, away := <-shown, <-shown; atHome != 1 || away != 0 {
		t.Errorf("showed %d certificates at home and %d elsewhere, want one and none", atHome, away)
	}
}
