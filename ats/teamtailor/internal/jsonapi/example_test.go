package jsonapi_test

import (
	"fmt"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

func ExampleDocument() {
	type article struct {
		Title string `json:"title"`
	}
	type relations struct {
		Author jsonapi.ToOne `json:"author"`
	}
	type person struct {
		Name string `json:"name"`
	}
	articles := jsonapi.NewSet[article, relations]("articles")
	people := jsonapi.NewSet[person, struct{}]("people")
	doc := jsonapi.Document{Data: articles, Included: []jsonapi.Collector{people}}

	err := doc.Decode(strings.NewReader(`{
		"included": [{"type": "people", "id": "9", "attributes": {"name": "Asha"}}],
		"data": [{"type": "articles", "id": "1", "attributes": {"title": "On interviews", "body": "…"},
		          "relationships": {"author": {"data": {"type": "people", "id": "9"}}}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range articles.Items {
		fmt.Println(a.Attributes.Title, "by", people.Find(a.Relationships.Author.ID).Attributes.Name)
	}
	// Output: On interviews by Asha
}
