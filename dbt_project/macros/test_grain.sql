{#- These columns identify a row and none of them is null, save those named nullable. -#}
{% test grain(model, columns, nullable=[]) %}
select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
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
