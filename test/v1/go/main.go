// Says what go-containerregistry's types make of the documents in vectors.json, which it reads, and writes anew:
//
//	go mod init vectors && go get github.com/google/go-containerregistry@v0.21.9
//	go run . <vectors.json >new.json && mv new.json vectors.json
package main

import (
	"bytes"
	"encoding/json"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

type vector struct {
	Kind    string `json:"kind"`
	Input   string `json:"input"`
	Output  string `json:"output,omitempty"`
	Refused bool   `json:"refused,omitempty"`
}

func parse(kind, input string) (any, error) {
	in := bytes.NewReader([]byte(input))
	switch kind {
	case "config":
		return v1.ParseConfigFile(in)
	case "manifest":
		return v1.ParseManifest(in)
	default:
		return v1.ParseIndexManifest(in)
	}
}

func main() {
	var vectors []vector
	if err := json.NewDecoder(os.Stdin).Decode(&vectors); err != nil {
		panic(err)
	}
	for i := range vectors {
		parsed, err := parse(vectors[i].Kind, vectors[i].Input)
		vectors[i].Refused = err != nil
		vectors[i].Output = ""
		if err == nil {
			out, _ := json.Marshal(parsed)
			vectors[i].Output = string(out)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	encoder.Encode(vectors)
}
