"""What a profile says about HTTP: how requests are authorised, how patient and how quick we are, how an export is paged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from ingest.fields import Strict

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderText = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]*[!-~])?$")]
Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]

_OURS = {"authorization", "host", "content-length", "transfer-encoding", "connection", "cookie", "accept-encoding"}


class Auth(Strict):
    """How requests are authorised. `secret` is a name; its value comes from Airflow's connections or the environment.

    `extra_headers` are constants that go with every request, such as a group id. For oauth2_client_credentials the secret
    is `client_id:client_secret`, and `token_url` a path below the base URL or an address on the same host.
    """

    type: Literal["none", "basic", "bearer", "api_key", "oauth2_client_credentials"] = "none"
    secret: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    header: HeaderName = "X-API-Key"
    extra_headers: dict[HeaderName, HeaderText] = Field(default_factory=dict)
    token_url: str | None = None
    scope: str | None = None
    client_in: Literal["header", "body"] = "header"

    @model_validator(mode="after")
    def _named(self) -> Auth:
        if (self.type == "none") == (self.secret is not None):
            raise ValueError(f"auth {self.type} {'takes no' if self.type == 'none' else 'needs a'} secret")
        return self

    @model_validator(mode="after")
    def _tokens_come_from_somewhere(self) -> Auth:
        oauth = self.type == "oauth2_client_credentials"
        if oauth and self.token_url is None:
            raise ValueError("auth oauth2_client_credentials needs token_url, for example /oauth/token")
        if not oauth and self.model_fields_set & {"token_url", "scope", "client_in"}:
            raise ValueError("token_url, scope and client_in belong to auth oauth2_client_credentials")
        return self

    @model_validator(mode="after")
    def _constants_replace_nothing(self) -> Auth:
        taken = _OURS | ({self.header.lower()} if self.type == "api_key" else set())
        for name in self.extra_headers:
            if name.lower() in taken:
                raise ValueError(f"extra_headers.{name}: this header is set by us; secrets are given by `secret` only")
        return self


class Http(Strict):
    """Patience with a source, in seconds: to connect, for the next bytes, for one whole answer, and between attempts.

    `attempts` is how often one request is tried; `largest_page_mb` bounds one unpacked answer, in megabytes (10^6 bytes).
    """

    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(60, gt=0)
    request_seconds: float = Field(300, gt=0)
    attempts: int = Field(5, ge=1)
    longest_wait_seconds: float = Field(60, ge=0)
    largest_page_mb: float = Field(64, gt=0)


class Pace(Strict):
    """How often, and at what hours (local time, Asia/Ho_Chi_Minh, end excluded), a source may be asked."""

    requests_per_minute: float | None = Field(None, gt=0)
    hours: tuple[Hours, ...] = ()

    @model_validator(mode="after")
    def _hours_are_some(self) -> Pace:
        for hours in self.hours:
            start, end = hours.split("-")
            if start == end:
                raise ValueError(f"hours {hours} hold nothing: write 00:00-24:00 for the whole day")
        return self


class Paging(Strict):
    """How an export is cut into pages.

    `position` is the parameter that says where a page begins: a page number from `first` (1), a row from `first` (0) in
    offset and range, the token that the page before gave at `next` in its body. `range` has a second one, `end_param`,
    which excludes its row unless `end_inclusive`. `link` follows the header Link rel=next and has no position.
    `overlap: 1` asks for the last row of the page before again (offset, range): another row there means that rows moved.
    """

    style: Literal["page_number", "offset", "range", "token", "link"]
    position: str | None = None
    end_param: str | None = None
    end_inclusive: bool = False
    next: str | None = None
    size_param: str | None = None
    size: int = Field(200, gt=0)
    first: int | None = Field(None, ge=0)
    overlap: Literal[0, 1] = 0

    @property
    def chained(self) -> bool:
        """Whether each page says where the next one is."""
        return self.style in ("token", "link")

    @property
    def origin(self) -> int:
        """The number of the first page, or of the first row."""
        return self.first if self.first is not None else int(self.style == "page_number")

    @model_validator(mode="after")
    def _fits_its_style(self) -> Paging:
        needs: dict[str, set[str]] = {
            "page_number": {"position", "size_param"},
            "offset": {"position", "size_param"},
            "range": {"position", "end_param"},
            "token": {"position", "next"},
            "link": set(),
        }
        may = needs[self.style] | {"style", "size", "size_param"}
        may |= {"first"} if not self.chained else set()
        may |= {"overlap"} if self.style in ("offset", "range") else set()
        may |= {"end_inclusive"} if self.style == "range" else set()
        if missing := sorted(name for name in needs[self.style] if getattr(self, name) is None):
            raise ValueError(f"paging {self.style} needs {' and '.join(missing)}")
        if foreign := sorted(self.model_fields_set - may):
            raise ValueError(f"paging {self.style} takes no {', '.join(foreign)}")
        if self.overlap and self.size < 2:
            raise ValueError("overlap needs pages of two rows at least")
        return self
