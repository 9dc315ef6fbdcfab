package main_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// The hash is of the password "wall".
const webConfiguration = `
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: server.crt
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  screen: $2a$04$KU/T3q7gsA589sTM63gelOACadDaQ3G6XB4CgS2nuLkiQdSRaYHUq
`

// TestWebConfiguration serves with TLS, a client certificate and a password, and
// comes in only with all three.
func TestWebConfiguration(t *testing.T) {
	folder := t.TempDir()
	certificate := writeCertificate(t, folder)
	web := filepath.Join(folder, "web.yaml")
	if err := os.WriteFile(web, []byte(webConfiguration), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	cmd := exec.CommandContext(t.Context(), buildProgram(t), "serve", "--config", writeKillSite(t, folder), "--listen", address, "--web-config-file", web)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program did not stop in good order: %v", err)
		}
	}()

	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	for name, test := range map[string]struct {
		certificates []tls.Certificate
		password     string
		want         int // 0: no connection
	}{
		"all three":             {[]tls.Certificate{certificate}, "wall", http.StatusOK},
		"a wrong password":      {[]tls.Certificate{certificate}, "mall", http.StatusUnauthorized},
		"no client certificate": {nil, "wall", 0},
	} {
		t.Run(name, func(t *testing.T) {
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: test.certificates, MinVersion: tls.VersionTLS12}}}
			defer client.CloseIdleConnections()
			if got := statusOf(t, client, "https://"+address+"/-/healthy", test.password); got != test.want {
				t.Errorf("got status %d, want %d", got, test.want)
			}
		})
	}
}

// statusOf retries while nothing listens yet; 0 is a refused handshake.
func statusOf(t *testing.T, client *http.Client, url, password string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("screen", password)
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
			return response.StatusCode
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return 0
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatal("nothing listened within 30 s")
	return 0
}

// writeCertificate makes a certificate that serves as server, client and CA.
func writeCertificate(t *testing.T, folder string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "govkpi test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	crt := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pkey := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})
	for name, content := range map[string][]byte{"server.crt": crt, "server.key": pkey} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(crt, pkey)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}
