// The oracle answers questions as Kubernetes would, with Kubernetes' own published code (for networks, which Kubernetes
// leaves to others, with what its community tests them with): one JSON request a line on standard input, one JSON answer
// a line on standard output, in the same order. Differential tests ask it (e2e/tests/live/oracle). What it answers is decided
// here by no line of its own: each question hands its input to a library and its output back.
//
// A further question is a file of its own beside this one, whose init adds it to `questions`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// questions maps the word in "ask" to what answers it. A request is the whole line, so a question reads its own fields.
var questions = map[string]func(request []byte) (any, error){}

// reply is an answer, or why there is none: a request that could not be read is a bug of who asks, never a verdict.
type reply struct {
	Answer any    `json:"answer,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func serve(requests io.Reader, answers io.Writer) error {
	in := bufio.NewReaderSize(requests, 1<<20)
	out := bufio.NewWriterSize(answers, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(answer(line)); err != nil {
				return err
			}
		}
		// Whoever asks and then waits must get the answer; whoever sends many gets them in one go.
		if in.Buffered() == 0 || err != nil {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func answer(line []byte) (given reply) {
	// A panic of a library is an answer too: the API server would answer 500.
	defer func() {
		if problem := recover(); problem != nil {
			given = reply{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	var request struct {
		Ask string `json:"ask"`
	}
	if err := json.Unmarshal(line, &request); err != nil {
		return reply{Error: err.Error()}
	}
	question, known := questions[request.Ask]
	if !known {
		return reply{Error: fmt.Sprintf("there is no question %q", request.Ask)}
	}
	said, err := question(line)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Answer: said}
}
