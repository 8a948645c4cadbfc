{#- These columns identify a row and none of them is null, save those named nullable. With `newest_of` only the rows are looked at
    that have the highest value of that column. -#}
{% test grain(model, columns, nullable=[], newest_of=none) %}
select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
{%- if newest_of %}
where {{ newest_of }} = (select max({{ newest_of }}) from {{ model }})
{%- endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}

{#- The model has exactly one row. -#}
{% test grain_of_one(model) %}
select count(*) as rows_found
from {{ model }}
having count(*) <> 1
{% endtest %}
