package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// login is how a command introduces itself to a running server.
type login struct {
	User         string `help:"User of the server, where it asks for a login."`
	PasswordFile string `help:"File with that user's password." type:"existingfile" name:"password-file"`
	CAFile       string `help:"File with the certificate that signed the server's, where that is not a public authority's." type:"existingfile" name:"ca-file"`
}

// client talks to a running server.
type client struct {
	address  string // without a slash at the end
	user     string
	password string
	http     *http.Client
}

func (l login) client(server string) (*client, error) {
	if !strings.Contains(server, "://") {
		return nil, fmt.Errorf("--server %s: begin the address with http:// or https://", server)
	}
	c := &client{address: strings.TrimSuffix(server, "/"), user: l.User, http: &http.Client{}}
	if (l.User == "") != (l.PasswordFile == "") {
		return nil, errors.New("--user and --password-file belong together")
	}
	if l.PasswordFile != "" {
		content, err := os.ReadFile(l.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("--password-file: %w", err)
		}
		c.password = strings.TrimRight(string(content), "\r\n")
	}
	if l.CAFile != "" {
		content, err := os.ReadFile(l.CAFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("--ca-file %s: there is no PEM certificate in it", l.CAFile)
		}
		c.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	}
	return c, nil
}

// Longer than any run's deadline may sensibly be, so that a lost connection does
// not hang a script for ever.
const askTimeout = 12 * time.Hour

// Most bytes of an answer that are read.
const mostAnswer = 16 << 20

// post sends a body and returns the answer and its status.
func (c *client) post(ctx context.Context, path, contentType string, body io.Reader) (answer []byte, status int, err error) {
	return c.ask(ctx, http.MethodPost, path, contentType, body)
}

// ask sends a request, with a body where there is one.
func (c *client) ask(ctx context.Context, method, path, contentType string, body io.Reader) (answer []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.address+path, body)
	if err != nil {
		return nil, 0, fmt.Errorf("--server: %w", err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if c.user != "" {
		request.SetBasicAuth(c.user, c.password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("ask the server: %w", err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(response.Body, mostAnswer)); err != nil {
		return nil, 0, fmt.Errorf("read the server's answer: %w", err)
	}
	return answer, response.StatusCode, nil
}

// order posts to the JSON API and reads what it answers into data.
func (c *client) order(ctx context.Context, path string, body, data any) error {
	written, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	return c.send(ctx, path, "application/json", bytes.NewReader(written), data)
}

func (c *client) send(ctx context.Context, path, contentType string, body io.Reader, data any) error {
	answer, status, err := c.post(ctx, path, contentType, body)
	if err != nil {
		return err
	}
	envelope := struct {
		Data  any `json:"data"`
		Error struct {
			ZH string `json:"zh"`
			EN string `json:"en"`
		} `json:"error"`
	}{Data: data}
	err = json.Unmarshal(answer, &envelope)
	switch {
	case status == http.StatusOK && err == nil:
		return nil
	case status == http.StatusUnauthorized:
		return errors.New("the server wants a login, and this one is missing or wrong: see --user and --password-file")
	case envelope.Error.EN != "":
		return fmt.Errorf("the server answers: %s %s", envelope.Error.ZH, envelope.Error.EN)
	}
	return fmt.Errorf("the server answers with status %d: %s", status, strings.TrimSpace(string(answer)))
}
