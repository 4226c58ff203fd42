"""The library `openai` of PyPI as a client of `pinx serve`: a line of JSON in, a line out.

`usual` is what programs do; `fault` is one request as its defaults make it, and what it raises.
"""

import base64
import json
import sys
import urllib.request

import openai

PNG = b"\x89PNG"
MODEL = "openai/gpt-image-2"


def client(base):
    return openai.OpenAI(base_url=base + "/v1", api_key="none")


def pictures(answer, count):
    assert len(answer.data) == count, answer
    for image in answer.data:
        assert base64.b64decode(image.b64_json).startswith(PNG)


def usual(base, picture):
    images = client(base).images
    models = client(base).models
    ids = [model.id for model in models.list()]
    assert "auto" in ids and MODEL in ids, ids
    assert models.retrieve(MODEL).id == MODEL
    made = images.generate(model=MODEL, prompt="an owl", n=2, size="512x512", quality="low")
    pictures(made, 2)
    assert made.usage.total_tokens > 0 and made.size == "816x816", made
    pictures(images.generate(prompt="an owl", size="auto", quality="standard", user="u"), 1)
    linked = images.generate(
        model=MODEL, prompt="an owl", response_format="url", quality="low", style="vivid"
    )
    with urllib.request.urlopen(linked.data[0].url) as answer:
        assert answer.read().startswith(PNG)
    with open(picture, "rb") as one, open(picture, "rb") as other:
        pictures(images.edit(model=MODEL, prompt="night", image=one, quality="low"), 1)
        one.seek(0)
        pictures(images.edit(model=MODEL, prompt="night", image=[one, other], quality="low"), 1)
        one.seek(0)
        events = images.edit(model=MODEL, prompt="night", image=one, quality="low", stream=True)
        events = [event.type for event in events]
        assert events == ["image_edit.completed"], events
    events = list(images.generate(model=MODEL, prompt="an owl", stream=True, partial_images=1))
    last = events[-1]
    assert last.type == "image_generation.completed" and last.usage.total_tokens > 0, last
    assert base64.b64decode(last.b64_json).startswith(PNG)


def raised(call):
    try:
        call()
    except openai.APIError as error:
        return {
            "error": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "code": error.code,
            "param": error.param,
        }
    return {"error": None}


def errors(base, picture):
    images = client(base).images
    ask = lambda **asked: raised(lambda: images.generate(**{"prompt": "x", "model": MODEL, **asked}))
    return [
        ask(model="gpt-imaje-2"),
        ask(size="huge"),
        ask(n=9),
        ask(model="fal/flux-schnell"),
        ask(extra_body={"max_cost": 0.001}),
        ask(prompt="x" * (2 << 20)),
    ]


def fault(base, picture):
    images = client(base).images
    return raised(lambda: images.generate(model=MODEL, prompt="x"))


def stream_fault(base, picture):
    images = client(base).images
    return raised(lambda: list(images.generate(model=MODEL, prompt="x", stream=True)))


for line in sys.stdin:
    asked = json.loads(line)
    answer = globals()[asked["do"]](asked["base"], asked["picture"])
    print(json.dumps(answer), flush=True)
