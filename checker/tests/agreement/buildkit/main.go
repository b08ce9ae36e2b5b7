// Prints what BuildKit's own linter says of each Dockerfile, one JSON object on a line. No registry is asked: every base
// image is one for linux/amd64 with nothing but a PATH, and none has triggers.
//
// It is built inside a checkout of github.com/moby/buildkit, whose packages it uses; scripts/agreement.sh does that.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var here = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// images answers for a registry.
type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	platform := here
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		platform = *opt.ImageOpt.Platform
	}
	config, err := json.Marshal(map[string]any{
		"os": platform.OS, "architecture": platform.Architecture, "variant": platform.Variant,
		"config": map[string]any{"Env": []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
	})
	return ref, digest.FromBytes(config), config, err
}

// builder answers for the daemon: all that is asked of it is the .dockerignore.
type builder struct {
	client.Client
	ignore []byte
}

func (builder) BuildOpts() client.BuildOpts {
	return client.BuildOpts{
		Opts:    map[string]string{"filename": "Dockerfile"},
		LLBCaps: pb.Caps.CapSet(pb.Caps.All()),
		Caps:    pb.Caps.CapSet(pb.Caps.All()),
		Workers: []client.WorkerInfo{{Platforms: []ocispecs.Platform{here}}},
	}
}

func (b builder) Solve(context.Context, client.SolveRequest) (*client.Result, error) {
	result := client.NewResult()
	result.SetRef(folder{ignore: b.ignore})
	return result, nil
}

type folder struct {
	client.Reference
	ignore []byte
}

func (f folder) ReadFile(_ context.Context, request client.ReadRequest) ([]byte, error) {
	if request.Filename == ".dockerignore" {
		return f.ignore, nil
	}
	return nil, os.ErrNotExist
}

func look(path string) (map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ignore, err := os.ReadFile(path + ".dockerignore")
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	ui, err := dockerui.NewClient(builder{ignore: ignore})
	if err != nil {
		return nil, err
	}
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	source.Definition = &llb.Definition{}
	platform := platforms.Normalize(here)
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, dockerfile2llb.ConvertOpt{
		Config:         ui.Config,
		Client:         ui,
		SourceMap:      source,
		TargetPlatform: &platform,
		MetaResolver:   images{},
	})
	if err != nil {
		return nil, err
	}
	seen := []any{}
	for _, warning := range results.Warnings {
		line := int32(0)
		if warning.Location != nil && len(warning.Location.Ranges) > 0 {
			line = warning.Location.Ranges[0].Start.Line
		}
		seen = append(seen, []any{warning.RuleName, line})
	}
	answer := map[string]any{"file": path, "seen": seen}
	if results.Error != nil {
		answer["error"] = results.Error.Message
	}
	return answer, nil
}

func main() {
	for _, path := range os.Args[1:] {
		answer, err := look(path)
		if err == nil {
			err = json.NewEncoder(os.Stdout).Encode(answer)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, path, err)
			os.Exit(1)
		}
	}
}
