package grafana

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// record is what we know of an object that we wrote.
type record struct {
	SHA256 string `json:"sha256"`
	// Version and FolderUID are of dashboards only.
	Version   int64  `json:"version,omitempty"`
	FolderUID string `json:"folderUid,omitempty"`
}

// state is the file that remembers what we wrote to which server. Losing it
// loses nothing that can't be read from the boards themselves, but for the titles of folders,
// the data source and the playlist: those count as changed by hand then, where
// they differ.
type state struct {
	file   string
	server string
}

// stateFile is what the file holds, by server and then by kind and uid.
type stateFile struct {
	Format  int                          `json:"format"`
	Servers map[string]map[string]record `json:"servers"`
}

const stateFormat = 1

func (s *state) use(server Server) {
	s.server = fmt.Sprintf("%s organization %d", server.URL, server.OrgID)
}

func (s *state) read() (stateFile, error) {
	empty := stateFile{Format: stateFormat, Servers: map[string]map[string]record{}}
	content, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0 { // as a power cut may leave it
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read what was written to Grafana before: %w", err)
	}
	var read stateFile
	if err := json.Unmarshal(content, &read); err != nil {
		return empty, fmt.Errorf("what was written to Grafana before cannot be read from %s: %w: move the file away; most of it is found again on the server", s.file, err)
	}
	if read.Format != stateFormat {
		return empty, fmt.Errorf("%s has the format %d, and this program knows %d: a newer govkpi wrote it", s.file, read.Format, stateFormat)
	}
	if read.Servers == nil {
		read.Servers = empty.Servers
	}
	return read, nil
}

// records returns those of the server in use.
func (s *state) records() (map[string]record, error) {
	read, err := s.read()
	return read.Servers[s.server], err
}

// put writes one record; nil forgets it. The file is replaced as a whole, so
// that a crash leaves the old one or the new one.
func (s *state) put(key string, r *record) error {
	read, err := s.read()
	if err != nil {
		return err
	}
	of := read.Servers[s.server]
	if of == nil {
		of = map[string]record{}
		read.Servers[s.server] = of
	}
	if r == nil {
		delete(of, key)
	} else {
		of[key] = *r
	}
	return s.write(read)
}

// writable finds out before anything is changed whether changes can be recorded.
func (s *state) writable() error {
	read, err := s.read()
	if err != nil {
		return err
	}
	return s.write(read)
}

func (s *state) write(content stateFile) error {
	written, err := canonical(content, "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(s.file, written, 0o600); err != nil {
		return fmt.Errorf("record what was written to Grafana: %w", err)
	}
	return nil
}

// replaceFile puts a file in the place of another at once.
func replaceFile(name string, content []byte, mode fs.FileMode) error {
	folder := filepath.Dir(name)
	temporary, err := os.CreateTemp(folder, ".govkpi-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Chmod(mode)
	}
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}
