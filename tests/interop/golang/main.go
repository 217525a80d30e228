// Command sumdb checks a tiles export and receipts of Keten with the packages
// of Go's checksum database: golang.org/x/mod/sumdb/note and tlog.
//
//	sumdb VKEY TILES [RECEIPT...]
//
// TILES is a folder as `keten-audit export --format tiles` writes it.  The
// checkpoint is opened as a note; the hash of the tree, an inclusion proof of
// every entry and a consistency proof from every receipt's tree are made from
// the tiles; each receipt is checked on its own.  Exit status 1 at the first
// thing that does not hold.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8  // of a tile: 256 hashes
	salt   = 32 // bytes behind the leaf in a receipt
)

// A tree is what a checkpoint says: three lines in a signed note.
func openTree(text []byte, known note.Verifiers) (tlog.Tree, error) {
	var tree tlog.Tree
	n, err := note.Open(text, known)
	if err != nil {
		return tree, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, errors.New("a checkpoint has three lines")
	}
	if lines[0] != n.Sigs[0].Name {
		return tree, errors.New("signed under another name than its origin")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// C2SP has the same tiles in a folder without the height.
func tilePath(dir string, t tlog.Tile) string {
	return filepath.Join(dir, strings.Replace(t.Path(),
		fmt.Sprintf("tile/%d/", height), "tile/", 1))
}

type folder string

func (f folder) Height() int                         { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(tilePath(string(f), t))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// The leaves: bundles of 256, each leaf with its length before it.
func leaves(dir string, n int64) ([][]byte, error) {
	var all [][]byte
	for from := int64(0); from < n; from += 1 << height {
		t := tlog.Tile{H: height, L: 0, N: from >> height, W: 1 << height}
		if n-from < 1<<height {
			t.W = int(n - from)
		}
		path := strings.Replace(tilePath(dir, t), "/tile/0/", "/tile/entries/", 1)
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for i := 0; i < t.W; i++ {
			if len(data) < 2 {
				return nil, errors.New(path + " is too short")
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if len(data) < end {
				return nil, errors.New(path + " is too short")
			}
			all, data = append(all, data[2:end]), data[end:]
		}
		if len(data) != 0 {
			return nil, errors.New(path + " is too long")
		}
	}
	return all, nil
}

func checkTiles(dir string, known note.Verifiers) (tlog.Tree, tlog.HashReader, error) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	tree, err := openTree(text, known)
	if err != nil {
		return tree, nil, err
	}
	hashes := tlog.TileHashReader(tree, folder(dir))
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return tree, nil, err
	}
	if root != tree.Hash {
		return tree, nil, errors.New("the tiles have another root")
	}
	all, err := leaves(dir, tree.N)
	if err != nil {
		return tree, nil, err
	}
	for i, leaf := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		if err != nil {
			return tree, nil, err
		}
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i),
			tlog.RecordHash(leaf))
		if err != nil {
			return tree, nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return tree, hashes, nil
}

// A receipt: c2sp.org/tlog-proof@v1 with the leaf and its salt as extra.
func checkReceipt(path string, known note.Verifiers, now tlog.Tree,
	hashes tlog.HashReader) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return errors.New("no proof with extra and index")
	}
	extra, err := base64.StdEncoding.DecodeString(lines[1][len("extra "):])
	if err != nil || len(extra) <= salt {
		return errors.New("extra is not leaf and salt")
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, h)
	}
	then, err := openTree(rest, known)
	if err != nil {
		return err
	}
	err = tlog.CheckRecord(proof, then.N, then.Hash, index,
		tlog.RecordHash(extra[:len(extra)-salt]))
	if err != nil {
		return err
	}
	between, err := tlog.ProveTree(now.N, then.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(between, now.N, now.Hash, then.N, then.Hash)
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("sumdb VKEY TILES [RECEIPT...]")
	}
	v, err := note.NewVerifier(args[0])
	if err != nil {
		return err
	}
	known := note.VerifierList(v)
	now, hashes, err := checkTiles(args[1], known)
	if err != nil {
		return err
	}
	fmt.Printf("checkpoint, tiles and %d entries\n", now.N)
	for _, path := range args[2:] {
		if err := checkReceipt(path, known, now, hashes); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		fmt.Println("receipt", filepath.Base(path))
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
