"""Two profiles without fault, and each fault that one can have: what is replaced, by what, and the line that is then said."""
# ruff: noqa: E501  one fault a line

from __future__ import annotations

HTTP = """\
profile: test
source: portal
auth: {type: bearer, secret: test_token}
pace: {requests_per_minute: 60}
exports:
  portal_dossiers:
    entity: dossiers
    for_each: reporting_agency
    endpoint: /dossiers
    params:
      agency: "{identity_code}"
      from: "{period_start:yyyy-MM-dd}"
    paging: {style: page_number, position: page, size_param: size, size: 100}
    rows: data
    total: total
    fields:
      dossier_code: {path: code}
      agency_code: {param: agency}
      procedure_code: {path: procedure.code}
      channel: {path: channel, codes: {"1": in_person, "2": online}}
      status: {path: status}
      due_at: {path: due, format: yyyyMMdd}
      is_e_certification: {path: copy, codes: {"0": false, "1": true}}
      refused_at:
        first:
          - {path: refused, format: yyyyMMdd}
          - {path: ended, format: yyyyMMdd, when: {field: status, in: ["3"]}}
      fee_vnd: {sum: {list: fees, path: amount}}
      updated_at: {path: changed, format: epoch_ms}
    children:
      supplements:
        list: supplements
        fields:
          requested_at: {path: asked, format: yyyyMMdd}
    changes:
      params: {since: "{changed_since:yyyyMMdd}"}
"""
FILES = """\
profile: test
source: hr
transport: files
exports:
  hr_staffing:
    entity: staffing
    file:
      name: "staff_{period:yyyy-MM}.csv"
      format: csv
    fields:
      agency_code: {path: Đơn vị}
      date: {path: Ngày, format: dd/MM/yyyy}
      staff_total: {path: Số người}
"""
E = r"exports\.portal_dossiers"
F = rf"{E}\.fields"
H = r"exports\.hr_staffing"

# (what is replaced, by what, the line that is then said)
HTTP_FAULTS = {
    "misspelt_key": ("secret: test", "sercet: test", r":3: auth\.sercet: there is no such key \(did you mean secret\?\); allowed are type, "),
    "unknown_key": ("profile: test", "profile: test\nretry: 3", r":2: retry: there is no such key; allowed are profile, source, "),
    "misspelt_column": ("due_at:", "duo_at:", rf":22: {F}\.duo_at: duo_at not in the contract \(did you mean due_at\?\); allowed are dossier_code, "),
    "misspelt_entity": ("entity: dossiers", "entity: dosiers", rf":7: {E}\.entity: entity 'dosiers' is unknown \(did you mean dossiers\?\); there are certificates, "),
    "no_entity": ("    entity: dossiers\n", "", rf":6: {E}: the key entity is missing; give one of dossiers, "),
    "no_fields": (HTTP[HTTP.index("    fields:"):HTTP.index("    children:")], "", rf":6: {E}: the key fields is missing; give a mapping"),
    "misspelt_paging_style": ("page_number", "pagenumber", rf":13: {E}\.paging\.style: 'pagenumber' is not allowed \(did you mean page_number\?\); allowed are page_number, offset, range, token, link"),
    "paging_without_its_size": ("size_param: size, ", "", rf":13: {E}\.paging: paging page_number needs size_param"),
    "paging_of_another_style": ("size: 100", "size: 100, next: n", rf":13: {E}\.paging: paging page_number takes no next"),
    "page_of_no_rows": ("size: 100", "size: 0", rf":13: {E}\.paging\.size: 0 is out of bounds; allowed is more than 0"),
    "misspelt_format": ("epoch_ms", "epochms", rf":29: {F}\.updated_at\.format: 'epochms' is no format \(did you mean epoch_ms\?\): for dates combine"),
    "no_format": (", format: yyyyMMdd}\n      is_e", "}\n      is_e", rf":22: {F}\.due_at: a date needs its format"),
    "no_format_in_an_alternative": ("refused, format: yyyyMMdd", "refused", rf":26: {F}\.refused_at\.first\.0: a date needs its format"),
    "boolean_without_codes": ('copy, codes: {"0": false, "1": true}', "copy", rf":23: {F}\.is_e_certification: a boolean needs codes"),
    "code_that_is_not_allowed": ("online}", "on_line}", rf":20: {F}\.channel\.codes\.2: 'on_line' is not one of in_person, online, postal \(did you mean online\?\)"),
    "number_as_a_code": ('"1": in_person', "1: in_person", rf':20: {F}\.channel\.codes\.1: the key 1 must be a text: write it in quotes, "1"'),
    "number_in_a_condition": ('in: ["3"]', "in: [3]", rf':27: {F}\.refused_at\.first\.1\.when\.in\.0: 3 is not a text: write it in quotes, "3"'),
    "yes_in_a_condition": ('in: ["3"]', "in: [no]", rf':27: {F}\.refused_at\.first\.1\.when\.in\.0: no is not a text: write it in quotes, "no"'),
    "a_path_alone": ("status: {path: status}", "status: status", rf":21: {F}\.status: 'status' is not a mapping with the keys path, .*: write \{{path: status\}}"),
    "two_kinds": ("{path: code}", "{path: code, const: x}", rf":17: {F}\.dossier_code: give exactly one of path, const, .*; found path, const"),
    "required_column_missing": ("      status: {path: status}\n", "", rf":16: {F}: required status missing"),
    "sum_of_nothing": (", path: amount", "", rf":28: {F}\.fee_vnd(\.sum)?: sum needs the path"),
    "list_where_one_value_stands": ("rows: data", "rows: [data]", rf":14: {E}\.rows: a list is not a text"),
    "endpoint_without_slash": ("/dossiers", "dossiers", rf":9: {E}\.endpoint: 'dossiers' is not a path that begins with /"),
    "misspelt_child": ("      supplements:\n", "      suplements:\n", rf":31: {E}\.children\.suplements: suplements not in the contract \(did you mean supplements\?\); it has supplements, steps"),
    "child_column_missing": ("requested_at:", "asked_at:", rf":33: {E}\.children\.supplements\.fields: required requested_at missing"),
    "placeholder_that_does_not_exist": ("{period_start:", "{period_begin:", rf":12: {E}\.params\.from: \{{period_begin:yyyy-MM-dd\}} is not one of \{{identity_code\}}, .*\{{period_start:…\}}"),
    "placeholder_without_a_date_format": ("{period_start:yyyy-MM-dd}", "{period_start}", rf":12: {E}\.params\.from: \{{period_start\}} is not one of"),
    "placeholder_of_letters_we_cannot_write": ("start:yyyy-MM-dd", "start:d/M/yyyy", rf":12: {E}\.params\.from: .*write the date in yyyy MM dd"),
    "agency_placeholder_without_agencies": ("    for_each: reporting_agency\n", "", rf":10: {E}\.params\.agency: \{{identity_code\}} needs for_each"),
    "for_each_that_asks_the_same": ('"{identity_code}"', '"all"', rf":10: {E}\.params: for_each asks agency by agency, and no parameter says which"),
    "placeholder_in_the_endpoint": ("endpoint: /dossiers", "endpoint: /{identity_code}/dossiers", rf":9: {E}\.endpoint: an endpoint takes no placeholders"),
    "parameter_that_paging_sets": ("      from:", "      page:", rf":12: {E}\.params\.page: paging\.position sets this parameter too"),
    "field_of_an_unknown_parameter": ("param: agency", "param: agenci", rf":18: {F}\.agency_code\.param: 'agenci' is no parameter \(did you mean agency\?\); there are agency, from"),
    "value_and_object": ("procedure.code}", "channel.code}", rf":20: {F}\.channel\.path: channel is read as one value here and as an object elsewhere \(channel\.code\)"),
    "value_and_list": ("{path: status}", "{path: fees}", rf":21: {F}\.status\.path: fees is read as one value here and as a list elsewhere"),
    "list_and_object": ("{path: status}", "{path: fees.state}", rf":28: {F}\.fee_vnd\.sum\.list: fees is read as a list here and as an object elsewhere \(fees\.state\)"),
    "changes_since_no_time": ("{changed_since:yyyyMMdd}", "x", rf":36: {E}\.changes\.params: no parameter says since when"),
    "changes_without_their_cursor": ("      updated_at: {path: changed, format: epoch_ms}\n", "", rf":34: {E}\.changes: changes are asked for since the newest updated_at"),
    "hours_that_are_none": ("minute: 60", 'minute: 60, hours: ["8-17"]', r":4: pace\.hours\.0: '8-17' is not hours such as 18:00-06:00"),
    "login_without_secret": (", secret: test_token", "", r":3: auth: auth bearer needs a secret"),
    "export_of_another_source": ("source: portal", "source: dms", rf":6: {E}: an export is named after its source, dms_…"),
    "both_transports": ("    rows: data\n", "    rows: data\n    file: {name: 'a_{period:yyyy-MM}.csv', format: csv}\n", rf":15: {E}\.file: give an endpoint or a file, and not both"),
    "folder_of_a_source_over_http": ("source: portal", "source: portal\nfolder: /drop", r":3: folder: folder says nothing of transport http"),
    "word_of_a_condition_that_no_code_knows": ("refused, format: yyyyMMdd}", 'refused, format: yyyyMMdd, when: {field: channel, in: ["", "1", onlin]}}', rf":26: {F}\.refused_at\.first\.0\.when\.in\.2: 'onlin' is not among the codes of channel; there are 1, 2"),
    "rows_that_name_an_object": ("rows: data\n    total: total", "rows: ketQua\n    total: ketQua.tongSo", rf":14: {E}\.rows: rows must name the list: ketQua is an object, since total is ketQua\.tongSo"),
    "secret_that_is_no_name": ("secret: test_token", "secret: Test-Token", r":3: auth\.secret: what stands there is not small letters, digits and _"),
    "address_without_scheme": ("source: portal", "source: portal\nbase_url: user:pass@portal.example", r":3: base_url: what stands there is not an address that begins with http:// or https://"),
    "status_that_is_another_number": ("{path: status}", '{path: status, codes: {"1": 11, "3": 3}}', rf":21: {F}\.status\.codes\.1: 11 is not one of 1, 2, .*10$"),
    "key_too_far_in": ("size: 100}\n    rows: data", "size: 100, rows: data}", rf":13: {E}\.paging\.rows: the indentation is wrong: rows belongs to exports\.portal_dossiers, further out"),
    "line_too_far_in": ("    rows: data", "      rows: data", r":14: is not YAML: the indentation is wrong in this line"),
    "line_with_a_tab": ("    rows: data", "\trows: data", r":14: is not YAML: the indentation is wrong in this line: it has a tab"),
    "colon_in_a_text": ("rows: data", "rows: data: list", r":14: is not YAML: mapping values"),
    "key_twice": ("    rows: data\n", "    rows: data\n    rows: items\n", rf":15: {E}\.rows: the key stands there twice"),
    "no_yaml": ("profile: test", "profile: [test", r":2: is not YAML: "),
}  # fmt: skip
FILE_FAULTS = {
    "misspelt_file_format": ("format: csv", "format: cvs", rf":9: {H}\.file\.format: 'cvs' is not allowed \(did you mean csv\?\); allowed are csv, xlsx"),
    "name_without_its_month": ("{period:yyyy-MM}", "x", rf":7: {H}\.file: the period must stand in the name or in a title"),
    "agency_in_a_name_without_agencies": ("staff_", "{identity_code}_", rf":8: {H}\.file\.name: a placeholder of an agency needs for_each"),
    "for_each_that_reads_the_same": ("    file:", "    for_each: reporting_agency\n    file:", rf":9: {H}\.file\.name: for_each reads agency by agency, and no name says which"),
    "sheet_of_a_csv": ("format: csv", "format: csv\n      sheet: {index: 1}", rf":7: {H}\.file: sheet says nothing of csv"),
    "list_in_a_file": ("{path: Số người}", "{sum: {list: a, path: b}}", rf":13: {H}\.fields\.staff_total: sum reads a nested list; a file has none"),
    "endpoint_keys_of_a_file": ("    fields:", "    total: n\n    fields:", rf":10: {H}\.total: total belongs to an endpoint, not to a file"),
    "login_of_a_folder": ("source: hr", "source: hr\nauth: {type: none}", r":3: auth: auth says nothing of transport files"),
    "number_format_of_a_date": ("dd/MM/yyyy", "vi_integer", rf":12: {H}\.fields\.date: a date needs its format"),
}  # fmt: skip
