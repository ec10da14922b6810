package atstest

import (
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
)

// plain returns the i-th of any number of invented people without surprises.
func plain(i int) ats.Candidate {
	return ats.Candidate{
		FirstName: "Wilhelmina",
		LastName:  fmt.Sprintf("Quartermaine%d", i),
		Email:     fmt.Sprintf("w.quartermaine%d@people.example", i),
	}
}

// unusual are people whose names break what was written for plain ones.
func unusual() map[string]ats.Candidate {
	return map[string]ats.Candidate{
		"quotes and backslashes": {FirstName: `Dwayne "The Rook"`, LastName: `O'Hanrahan\Vance`, Email: "d.ohanrahan@people.example"},
		"markup":                 {FirstName: "Fennimore <b>", LastName: "& Abernathy;", Email: "fennimore@people.example"},
		"emoji":                  {FirstName: "Zsuzsanna 🦊", LastName: "Žižkovská 👩🏽‍💻", Email: "zsuzsanna@people.example"},
		"right-to-left letters":  {FirstName: "ليلى", LastName: "الحسيني", Email: "layla@people.example"},
		"combining marks":        {FirstName: "Noe\u0308mie", LastName: "Nguye\u0302\u0303n", Email: "noemie@people.example"},
		"a very long name":       {FirstName: "Maximiliana", LastName: "Featherstonehaugh-Cholmondeley-Wolfeschlegelsteinhausenbergerdorff", Email: "maximiliana.featherstonehaugh@people.example"},
		"a single name":          {FirstName: "Suharsono", Email: "suharsono@people.example"},
	}
}
